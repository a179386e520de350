import { readFile } from "node:fs/promises";
import type { Route } from "../route.ts";

const folder = new URL("../ui/", import.meta.url);

export const style = asset("style.css", "text/css; charset=utf-8", "How the first page looks.");
export const refresh = asset("refresh.js", "text/javascript; charset=utf-8", "Keeps the first page up to date.");

function asset(file: string, type: string, summary: string): Route {
  return {
    path: `/ui/${file}`,
    method: "GET",
    summary,
    handle: async () => ({
      status: 200,
      headers: { "Content-Type": type },
      body: await readFile(new URL(file, folder)),
    }),
  };
}
