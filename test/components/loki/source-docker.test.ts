import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lokiSourceDocker } from "../../../src/components/loki/source-docker.ts";
import { labelsFrom } from "../../../src/signals/labels.ts";
import type { Receiver } from "../../../src/signals/receiver.ts";
import { startFakeDocker } from "../../support/fake-docker.ts";
import { logBatch } from "../../support/log-batches.ts";
import { type RunningSource, runLogSource, savedPositions } from "../../support/log-source.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { turnsUntil } from "../../support/turns-until.ts";

type Docker = Awaited<ReturnType<typeof startFakeDocker>>;

const at = (second: number, nanos = 0) =>
  `2026-01-01T00:00:${String(second).padStart(2, "0")}.${String(nanos).padStart(9, "0")}Z`;
const time = (second: number, nanos = 0) =>
  (BigInt(Date.UTC(2026, 0, 1)) + BigInt(second) * 1000n) * 1_000_000n + BigInt(nanos);

/** The component at work, with these containers as targets: `web` is what the label `app` says. */
async function reading(docker: Docker, ids: readonly string[], config: object = {}, dataDir?: string) {
  const source = runLogSource(lokiSourceDocker, { host: docker.url, ...config }, dataDir);
  await targets(source, ids);
  return source;
}

async function targets({ running }: RunningSource, ids: readonly string[], more: Record<string, string> = {}) {
  const input = running.input as Receiver<"targets">;
  await input.receive([
    {
      source: "Docker",
      targets: ids.map((id) => ({
        labels: labelsFrom({
          __address__: "172.17.0.2:80",
          __meta_docker_container_id: id,
          __meta_docker_container_name: `/${id}`,
          ...more,
        }),
      })),
    },
  ]);
}

const job = "loki.source.docker.test";

test("what containers write is passed on, with the labels that the rules make of those of the target", async () => {
  await using docker = await startFakeDocker();
  docker.logs.create("web");
  docker.logs.create("shell", { hasTerminal: true });
  docker.logs.write("web", at(1), "one\n");
  docker.logs.write("web", at(2, 5), "two\n", "stderr");
  docker.logs.write("shell", at(3), "$ ls\n");
  const relabel_rules = [
    { source_labels: ["__meta_docker_container_name"], regex: "/(.*)", target_label: "container" },
    { source_labels: ["__meta_docker_container_log_stream"], target_label: "stream" },
  ];
  await using source = await reading(docker, ["web", "shell"], { relabel_rules, labels: { env: "prod" } });
  await source.lines(3);
  docker.logs.write("web", at(4), "three\n");
  await source.lines(4);
  const byContainer = source.recorder.batches.toSorted((a, b) => Number(a.timestamps[0]! - b.timestamps[0]!));
  expect(byContainer).toEqual([
    logBatch({ env: "prod", container: "web", stream: "stdout" }, ["one"], [time(1)]),
    logBatch({ env: "prod", container: "web", stream: "stderr" }, ["two"], [time(2, 5)]),
    logBatch({ env: "prod", container: "shell", stream: "stdout" }, ["$ ls"], [time(3)]),
    logBatch({ env: "prod", container: "web", stream: "stdout" }, ["three"], [time(4)]),
  ]);
  expect(source.health()).toEqual({ state: "healthy" });
});

test("labels of the component win over those of the target, and an entry without any gets the job", async () => {
  await using docker = await startFakeDocker();
  docker.logs.create("web");
  docker.logs.write("web", at(1), "one\n");
  await using bare = await reading(docker, ["web"]);
  await bare.lines(1);
  expect(bare.recorder.batches).toEqual([logBatch({ job }, ["one"], [time(1)])]);

  await using source = await reading(docker, [], { labels: { app: "shop" } });
  await targets(source, ["web"], { app: "cart", env: "prod" });
  await source.lines(1);
  expect(source.recorder.batches).toEqual([logBatch({ app: "shop", env: "prod" }, ["one"], [time(1)])]);
});

test("a container that is several targets is read once, and one that the rules drop is counted", async () => {
  await using docker = await startFakeDocker();
  docker.logs.create("web");
  docker.logs.create("noise");
  docker.logs.write("web", at(1), "one\n");
  docker.logs.write("noise", at(1), "psst\n");
  const relabel_rules = [{ source_labels: ["__meta_docker_container_id"], regex: "noise", action: "drop" }];
  await using source = await reading(docker, ["web", "web", "noise"], { relabel_rules });
  await source.lines(1);
  await turnsUntil(() => source.metrics.entries === 1 && source.metrics.dropped === 1);
  expect(docker.logs.followers("web")).toBe(1);
});

test("after a restart of the agent a container is read from the line on that was delivered last", async () => {
  await using docker = await startFakeDocker();
  using data = tempDir();
  docker.logs.create("web");
  docker.logs.write("web", at(1), "one\n");
  docker.logs.write("web", at(2), "two\n");
  docker.logs.write("web", at(2), "three\n");
  const first = await reading(docker, ["web"], {}, data.path);
  await first.lines(3);
  await first.stop();
  expect(savedPositions(data.path)).toBe(`{"version":1,"positions":{"web":"${time(2)}+2"}}\n`);

  docker.logs.write("web", at(2), "at the same time\n");
  docker.logs.write("web", at(3), "later\n");
  await using second = await reading(docker, ["web"], {}, data.path);
  await second.lines(2);
  expect(second.recorder.lines).toEqual(["at the same time", "later"]);
});

test("a container that stops and starts is read on, and nothing is repeated", async () => {
  await using docker = await startFakeDocker();
  docker.logs.create("web");
  docker.logs.write("web", at(1), "one\n");
  await using source = await reading(docker, ["web"]);
  await source.lines(1);
  docker.logs.write("web", at(2), "last words\n");
  docker.logs.stop("web");
  await source.lines(2);
  docker.logs.start("web");
  docker.logs.write("web", at(3), "again\n");
  await turnsUntil(() => source.recorder.lines.length >= 3, source.clock);
  expect(source.recorder.lines).toEqual(["one", "last words", "again"]);
  expect(source.health()).toEqual({ state: "healthy" });
});

test("a container that is no target any more is read until it stops, or for ten seconds", async () => {
  await using docker = await startFakeDocker();
  docker.logs.create("web");
  docker.logs.create("db");
  await using source = await reading(docker, ["web", "db"]);
  await turnsUntil(() => docker.logs.followers("web") + docker.logs.followers("db") === 2);
  await targets(source, []);
  docker.logs.write("web", at(1), "bye\n");
  docker.logs.stop("web");
  await source.lines(1);
  await turnsUntil(() => shownContainers(source).length === 1);
  await source.clock.advance(9_999);
  docker.logs.write("db", at(2), "still here\n");
  await source.lines(2);
  await source.clock.advance(1);
  await turnsUntil(() => docker.logs.followers("db") === 0);
  await turnsUntil(() => shownContainers(source).length === 0);
});

test("a container that comes back among the targets in time is read on", async () => {
  await using docker = await startFakeDocker();
  docker.logs.create("web");
  await using source = await reading(docker, ["web"]);
  await turnsUntil(() => docker.logs.followers("web") === 1);
  await targets(source, []);
  await targets(source, ["web"], { app: "shop" });
  await source.clock.advance(20_000);
  docker.logs.write("web", at(1), "one\n");
  await source.lines(1);
  expect(source.recorder.batches).toEqual([logBatch({ app: "shop" }, ["one"], [time(1)])]);
  expect(docker.requests.filter((request) => request.includes("/logs"))).toHaveLength(1);
});

test("a container that was removed is no problem, and its position is forgotten", async () => {
  await using docker = await startFakeDocker();
  using data = tempDir();
  writeFileSync(join(data.path, "positions.json"), '{"version":1,"positions":{"gone":"5+1","old":"6+1","idle":"7+1"}}');
  docker.logs.create("idle");
  const source = await reading(docker, ["gone"], {}, data.path);
  await turnsUntil(() =>
    ["gone", "old", "idle"].every((id) => docker.requests.includes(`GET /v1.47/containers/${id}/json`)),
  );
  await source.stop();
  expect(savedPositions(data.path)).toBe('{"version":1,"positions":{"idle":"7+1"}}\n');
  expect(source.health()).toEqual({ state: "healthy" });
});

test("while the receivers take nothing, no position moves, and a stop does not wait for them", async () => {
  await using docker = await startFakeDocker();
  using data = tempDir();
  docker.logs.create("web");
  docker.logs.write("web", at(1), "one\n");
  const source = await reading(docker, ["web"], {}, data.path);
  await source.lines(1);
  await turnsUntil(() => source.metrics.entries === 1);
  let offered = 0;
  source.answer = () => {
    offered++;
    return new Promise(() => {});
  };
  docker.logs.write("web", at(2), "two\n");
  await source.until(() => offered === 1);
  docker.logs.write("web", at(3), "three\n");
  await source.until(() => offered === 2);
  await source.clock.advance(60_000);
  const stopped = source.stop();
  await source.clock.advance(2000);
  await stopped;
  expect(savedPositions(data.path)).toBe(`{"version":1,"positions":{"web":"${time(1)}+1"}}\n`);
});

test("an engine that refuses is asked again, and the component says what it said", async () => {
  await using docker = await startFakeDocker();
  docker.logs.create("0123456789abcdef");
  docker.fail(500);
  await using source = await reading(docker, ["0123456789abcdef"]);
  await source.state("unhealthy");
  expect(source.health().reason).toBe(
    "container 0123456789ab: the Docker Engine answers HTTP status 500: the engine is busy",
  );
  docker.fail(undefined);
  docker.logs.write("0123456789abcdef", at(1), "one\n");
  await turnsUntil(() => source.recorder.lines.length >= 1, source.clock);
  expect(source.health()).toEqual({ state: "healthy" });
  expect(source.logs).toEqual([
    {
      level: "warn",
      message: "the log of a container cannot be read",
      fields: { container: "0123456789ab", reason: "the Docker Engine answers HTTP status 500: the engine is busy" },
    },
    { level: "info", message: "the log of a container can be read again", fields: { container: "0123456789ab" } },
  ]);
});

test("an answer that is no log ends, and is asked for again", async () => {
  await using docker = await startFakeDocker();
  docker.logs.create("web");
  await using source = await reading(docker, ["web"]);
  await turnsUntil(() => docker.logs.followers("web") === 1);
  docker.logs.corrupt("web", "no frame");
  await source.state("unhealthy");
  expect(source.health().reason).toBe("container web: the engine sends something that is no frame of a log");
  docker.logs.write("web", at(1), "one\n");
  await turnsUntil(() => source.recorder.lines.length >= 1, source.clock);
});

test("targets that are no containers are a problem", async () => {
  await using docker = await startFakeDocker();
  await using source = await reading(docker, [""]);
  expect(source.health()).toEqual({
    state: "unhealthy",
    reason: "1 targets name no container by __meta_docker_container_id",
  });
});

test("the engine can be at a Unix socket", async () => {
  using dir = tempDir();
  await using docker = await startFakeDocker({ socketPath: join(dir.path, "docker.sock") });
  docker.logs.create("web");
  docker.logs.write("web", at(1), "one\n");
  await using source = await reading(docker, ["web"]);
  await source.lines(1);
  expect(docker.requests).toContain(
    "GET /v1.47/containers/web/logs?stdout=1&stderr=1&timestamps=1&follow=1&since=0.000000000",
  );
});

function shownContainers({ running }: RunningSource): readonly { id: string }[] {
  const debug = running.debug ?? (() => ({}));
  return (debug() as { containers: { id: string }[] }).containers;
}
