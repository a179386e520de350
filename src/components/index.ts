import type { Component } from "../component.ts";
import { discoveryDns } from "./discovery/dns.ts";
import { discoveryFile } from "./discovery/file.ts";
import { discoveryHttp } from "./discovery/http.ts";
import { discoveryRelabel } from "./discovery/relabel.ts";
import { prometheusEcho } from "./prometheus/echo.ts";
import { prometheusExporterSelf } from "./prometheus/exporter-self.ts";
import { prometheusExporterUnix } from "./prometheus/exporter-unix.ts";
import { prometheusExpose } from "./prometheus/expose.ts";
import { prometheusReceiveHttp } from "./prometheus/receive-http.ts";
import { prometheusRelabel } from "./prometheus/relabel.ts";
import { prometheusRemoteWrite } from "./prometheus/remote-write.ts";
import { prometheusScrape } from "./prometheus/scrape.ts";

/** The manifest: every component there is. */
export const components: readonly Component[] = [
  discoveryDns,
  discoveryFile,
  discoveryHttp,
  discoveryRelabel,
  prometheusEcho,
  prometheusExporterSelf,
  prometheusExporterUnix,
  prometheusExpose,
  prometheusReceiveHttp,
  prometheusRelabel,
  prometheusRemoteWrite,
  prometheusScrape,
];
