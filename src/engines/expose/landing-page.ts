import type { Answer } from "../../lib/http-answer.ts";

interface LandingPage {
  readonly title: string;
  /** A sentence below the title. */
  readonly about?: string;
  readonly telemetryPath: string;
}

/** For a person who opens the port in a browser. */
export function landingPage({ title, about, telemetryPath }: LandingPage): Answer {
  const paragraph = about === undefined ? "" : `<p>${escapeHtml(about)}</p>\n`;
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body>
<h1>${escapeHtml(title)}</h1>
${paragraph}<p><a href="${encodeURI(telemetryPath)}">Metrics</a></p>
</body>
</html>
`;
  return { status: 200, headers: { "Content-Type": "text/html; charset=UTF-8" }, body };
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
