import { readFile } from "node:fs/promises";
import { getAsset, isSea } from "node:sea";
import type { Route } from "../route.ts";

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
      body: isSea() ? Buffer.from(getAsset(`ui/${file}`)) : await readFile(new URL(`../ui/${file}`, import.meta.url)),
    }),
  };
}
