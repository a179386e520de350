import type { Component } from "../component.ts";
import { discoveryAzure } from "./discovery/azure.ts";
import { discoveryConsul } from "./discovery/consul.ts";
import { discoveryDns } from "./discovery/dns.ts";
import { discoveryDocker } from "./discovery/docker.ts";
import { discoveryEc2 } from "./discovery/ec2.ts";
import { discoveryFile } from "./discovery/file.ts";
import { discoveryHttp } from "./discovery/http.ts";
import { discoveryKubernetes } from "./discovery/kubernetes.ts";
import { discoveryProcess } from "./discovery/process.ts";
import { discoveryRelabel } from "./discovery/relabel.ts";
import { localFileMatch } from "./local/file-match.ts";
import { lokiEcho } from "./loki/echo.ts";
import { lokiProcess } from "./loki/process.ts";
import { lokiRelabel } from "./loki/relabel.ts";
import { lokiSourceApi } from "./loki/source-api.ts";
import { lokiSourceDocker } from "./loki/source-docker.ts";
import { lokiSourceFile } from "./loki/source-file.ts";
import { lokiSourceFluentForward } from "./loki/source-fluent-forward.ts";
import { lokiSourceJournal } from "./loki/source-journal.ts";
import { lokiSourceSyslog } from "./loki/source-syslog.ts";
import { lokiWrite } from "./loki/write.ts";
import { prometheusEcho } from "./prometheus/echo.ts";
import { prometheusExporterProcess } from "./prometheus/exporter-process.ts";
import { prometheusExporterSelf } from "./prometheus/exporter-self.ts";
import { prometheusExporterUnix } from "./prometheus/exporter-unix.ts";
import { prometheusExpose } from "./prometheus/expose.ts";
import { prometheusReceiveHttp } from "./prometheus/receive-http.ts";
import { prometheusRelabel } from "./prometheus/relabel.ts";
import { prometheusRemoteWrite } from "./prometheus/remote-write.ts";
import { prometheusScrape } from "./prometheus/scrape.ts";

/** The manifest: every component there is. */
export const components: readonly Component[] = [
  discoveryAzure,
  discoveryConsul,
  discoveryDns,
  discoveryDocker,
  discoveryEc2,
  discoveryFile,
  discoveryHttp,
  discoveryKubernetes,
  discoveryProcess,
  discoveryRelabel,
  localFileMatch,
  lokiEcho,
  lokiProcess,
  lokiRelabel,
  lokiSourceApi,
  lokiSourceDocker,
  lokiSourceJournal,
  lokiSourceFluentForward,
  lokiSourceSyslog,
  lokiWrite,
  lokiSourceFile,
  prometheusEcho,
  prometheusExporterProcess,
  prometheusExporterSelf,
  prometheusExporterUnix,
  prometheusExpose,
  prometheusReceiveHttp,
  prometheusRelabel,
  prometheusRemoteWrite,
  prometheusScrape,
];
