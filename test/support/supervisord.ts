import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { join } from "node:path";
import { tempDir } from "./temp-dir.ts";

/** What supervisord says of its processes: one that runs, one that ended. */
export const supervisordProcesses = `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><array><data>
${struct({ name: "web_00", group: "web", start: 1_767_225_600, state: 20, statename: "RUNNING", exitstatus: 0, pid: 77 })}
${struct({ name: "batch", group: "batch", start: 1_767_000_000, state: 100, statename: "EXITED", exitstatus: 3, pid: 0 })}
</data></array></value>\n</param>\n</params>\n</methodResponse>\n`;

function struct(members: Readonly<Record<string, string | number>>): string {
  const value = (content: string | number) =>
    typeof content === "number" ? `<int>${content}</int>` : `<string>${content}</string>`;
  const list = Object.entries(members).map(
    ([name, content]) => `<member>\n<name>${name}</name>\n<value>${value(content)}</value>\n</member>\n`,
  );
  return `<value><struct>\n${list.join("")}</struct></value>\n`;
}

/** A server in the place of supervisord; the URL is the one to configure. */
export async function startSupervisord(listener: RequestListener, { isUnix = false } = {}) {
  const dir = tempDir();
  const server = createServer(listener);
  if (isUnix) server.listen(join(dir.path, "supervisor.sock"));
  else server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: typeof address === "object" ? `http://127.0.0.1:${address?.port}/RPC2` : `unix://${address}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      dir.remove();
    },
  };
}
