import { expect, test } from "vitest";
import { converted, convertedFixture, mistakesIn } from "../../../support/converted.ts";

test("components of metrics become Sonde's, and expressions what they stand for", () => {
  const { yaml, errors, expected } = convertedFixture("alloy", "config.alloy");
  expect(yaml).toBe(expected);
  expect(errors).toEqual(["140: otelcol.receiver.otlp.default: there is no such component"]);
  expect(mistakesIn(yaml)).toBe("");
});

test("components of logs become Sonde's, stages in their order, and rules are where they are used", () => {
  const { yaml, errors, expected } = convertedFixture("alloy", "logs.alloy");
  expect(yaml).toBe(expected);
  expect(errors).toEqual([]);
  expect(mistakesIn(yaml)).toBe("");
});

test("declared components, imports and foreach are written out", () => {
  const { yaml, errors, expected } = convertedFixture("alloy", "modules.alloy");
  expect(yaml).toBe(expected);
  expect(errors).toEqual([]);
  expect(mistakesIn(yaml)).toBe("");
});

test("who converts classic histograms takes native ones, as Sonde wants it", () => {
  const { yaml, errors } = converted(
    "alloy",
    `
prometheus.scrape "a" {
	targets                            = [{"__address__" = "a:1"}]
	convert_classic_histograms_to_nhcb = true
	scrape_native_histograms           = false
	forward_to                         = [prometheus.echo.b.receiver]
}
prometheus.echo "b" { }
`,
  );
  expect([errors, mistakesIn(yaml)]).toEqual([[], ""]);
  expect(yaml).toContain("  convert_classic_histograms_to_nhcb: true\n  scrape_native_histograms: true\n");
  expect(yaml).not.toContain("scrape_native_histograms: false");
});

test("the agent's own log goes where it went, and what changes nothing is noted", () => {
  const { yaml, errors } = converted(
    "alloy",
    `
loki.source.journal "system" {
	forward_to = [loki.process.all.receiver]
	legacy_position {
		file = "/var/lib/promtail/positions.yaml"
		name = "journal"
	}
}
loki.process "all" {
	forward_to = [loki.write.central.receiver]
	stage.match {
		selector      = "{a=\\"b\\"}"
		pipeline_name = "b"
		stage.eventlogmessage { }
		stage.decolorize { }
	}
}
loki.write "central" {
	endpoint {
		url = "http://loki:3100/loki/api/v1/push"
		queue_config { min_shards = 2 }
	}
}
logging {
	write_to = [loki.process.all.receiver, loki.write.central.receiver]
}
`,
    {},
    "/etc/alloy/config.alloy",
  );
  expect(errors).toEqual(["14: stages.match.stages.eventlogmessage: events of Windows are not taken apart"]);
  expect(yaml).toBe(`# Made from config.alloy by sonde convert.

logging:
  write_to: [loki.process.all, loki.write.central]

# Note, line 21: endpoints.queue_config: the queue is on disk; its bounds are in the component's queue_config
loki.write.central:
  endpoints:
    - url: http://loki:3100/loki/api/v1/push

loki.source.journal.system:
  legacy_position:
    file: /var/lib/promtail/positions.yaml
    name: journal
  forward_to: [loki.process.all]

# Note, line 13: stages.match.pipeline_name: it changes nothing that is sent
# NOT CONVERTED, line 14: stages.match.stages.eventlogmessage: events of Windows are not taken apart
loki.process.all:
  stages:
    - match:
        selector: '{a="b"}'
        stages:
          - decolorize: {}
  forward_to: [loki.write.central]
`);
  expect(mistakesIn(yaml)).toBe("");
});

test.each([
  ["loki.source.file", 'on_positions_file_error = "skip"', "3: on_positions_file_error: no file is left unread"],
  ["loki.source.file", 'decompression { format = "bz2" }', "3: decompression.format: gz, z and zst are unpacked"],
])("a value of %s that there is none of, %s, is found", (type, setting, message) => {
  const text = `${type} "a" {\n\tforward_to = [loki.echo.b.receiver]\n\t${setting}\n}\nloki.echo "b" { }\n`;
  expect(errorsOf(text)).toEqual([expect.stringContaining(message)]);
});

function errorsOf(text: string, files: Record<string, string> = {}): readonly string[] {
  return converted("alloy", text, files, "/etc/alloy/config.alloy").errors;
}

test("what cannot be known, does not exist or sends nowhere is found at its place", () => {
  expect(
    errorsOf(`
prometheus.scrape "a" {
	targets    = otelcol.thing.b.targets
	forward_to = []
	job_name   = string.to_upper(sys.env("A"))
	scheme     = local.file.none.content
	metrics_path = prometheus.exporter.self.me.targets
	unheard_of = 1
}
prometheus.exporter.self "me" { }
otelcol.thing "b" { }
prometheus.scrape "c" {
	targets    = [1]
	forward_to = ["a"]
	clustering { enabled = true }
}
prometheus.remote_write "none" { }
http {
	tls { }
}
remotecfg { }
`),
  ).toEqual([
    "3: otelcol.thing.b has no equal, and is left out here",
    "4: forward_to: it sends nowhere; name a receiver",
    "5: job_name: the value of an argument is known only at run time",
    "6: scheme: there is no `local.file.none.content`",
    "7: metrics_path: what prometheus.exporter.self.me exports is known only at run time",
    "8: unheard_of: prometheus.scrape has no equal",
    "11: otelcol.thing.b: there is no such component",
    "13: a list of targets is wanted",
    "14: a list of receivers is wanted",
    "15: clustering: say in clustering where the members are: etcd, members or dns",
    "17: a remote_write without an endpoint sends nowhere",
    "18: http: the agent's own page has neither TLS nor users; it is for this machine",
    "21: remotecfg: there is no remote configuration",
  ]);
});

test("declarations that are used wrongly are found", () => {
  expect(
    errorsOf(
      `
import.file "lib" { filename = "lib.alloy" }
import.file "broken" { filename = "broken.alloy" }
import.git "far" { repository = "https://x" }
declare "self" { 
	self "again" { }
}
lib.sink "a" { extra = 1 }
lib.none "b" { }
self "c" { }
`,
      { "lib.alloy": 'declare "sink" { argument "url" { } }', "broken.alloy": "a = " },
    ),
  ).toEqual([
    "3: /etc/alloy/broken.alloy:1: a value was expected, found `the end of the file`",
    "4: import.git: only files are imported",
    "6: self is made of itself",
    "8: lib.sink needs the argument url",
    "8: lib.sink has no argument extra",
    "9: lib.none.b: there is no such component",
  ]);
});

test("a text that is no config is answered with the place", () => {
  expect(
    converted("alloy", 'a "b" {\n  c = \n}\n', {}, "/etc/alloy/config.alloy").diagnostics,
  ).toBe(`error: a value was expected, found \`}\`
  --> /etc/alloy/config.alloy:3:1
  2 |   c =
  3 | }
    | ^

1 error`);
});
