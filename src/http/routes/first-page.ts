import type { Route } from "../route.ts";
import { renderFirstPage } from "../ui/first-page.ts";

export const firstPage: Route = {
  path: "/",
  method: "GET",
  summary: "The components for people: health, reasons, and what flows between them.",
  handle: ({ routes }, agent) => ({
    status: 200,
    headers: { "Content-Type": "text/html; charset=utf-8" },
    body: renderFirstPage(agent, routes),
  }),
};
