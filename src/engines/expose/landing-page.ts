import type { Answer } from "../../lib/http-answer.ts";

/** For a person who opens the port in a browser. */
export function landingPage(telemetryPath: string): Answer {
  const body = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Sonde: metrics</title></head>
<body>
<h1>Metrics</h1>
<p><a href="${encodeURI(telemetryPath)}">${telemetryPath.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</a></p>
</body>
</html>
`;
  return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body };
}
