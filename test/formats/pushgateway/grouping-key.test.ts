import { expect, test } from "vitest";
import { GroupingKeyError, groupingKey, isPushPath } from "../../../src/formats/pushgateway/grouping-key.ts";
import { formatLabels } from "../../../src/signals/labels.ts";

test("a path names the labels of a group as the Pushgateway reads it", () => {
  const f = (path: string, want: string) => expect(formatLabels(groupingKey(path))).toBe(want);
  f("/metrics/job/backup", '{job="backup"}');
  f("/metrics/job/backup/", '{job="backup"}');
  f("/metrics/job/backup/instance/db1", '{instance="db1", job="backup"}');
  f("/metrics/job/backup/b/2/a/1", '{a="1", b="2", job="backup"}');
  f("/metrics/job/backup/a/1/a/2", '{a="2", job="backup"}');
  f("/metrics/job/backup/job/other", '{job="backup"}');
  f("/metrics/job/titan/name/%CE%A0%CF%81%CE%BF", '{job="titan", name="Προ"}');
  f("/metrics/job/titan/name@base64/zqDPgc6_zrzOt864zrXPjc-C", '{job="titan", name="Προμηθεύς"}');
  f("/metrics/job/cleaner/path@base64/L3Zhci90bXA", '{job="cleaner", path="/var/tmp"}');
  f("/metrics/job/cleaner/path@base64/L3Zhci90bXA=", '{job="cleaner", path="/var/tmp"}');
  f("/metrics/job@base64/L3Zhci90bXA/a/1", '{a="1", job="/var/tmp"}');
  f("/metrics/job/example/first@base64/=/second/foobar", '{job="example", second="foobar"}');
  f("/metrics/job/a%2Fb%2Fc", '{b="c", job="a"}');
});

test("a path that names no group is refused with the reason", () => {
  const f = (path: string, want: string) => expect(() => groupingKey(path)).toThrow(new GroupingKeyError(want));
  f("/metrics/job/", "job name is required");
  f("/metrics/job@base64/=", "job name is required");
  f("/metrics/job/x/a", 'odd number of components in label string "/a"');
  f("/metrics/job/x/a/b/c", 'odd number of components in label string "/a/b/c"');
  f("/metrics/job/x/a//b/1", 'the value of "a" is empty; write a@base64/= for that');
  f("/metrics/job/x/1a/b", 'improper label name "1a"');
  f("/metrics/job/x/__name__/b", 'improper label name "__name__"');
  f("/metrics/job/x/a@base64/b!", 'invalid base64 encoding for label a="b!"');
  f("/metrics/job@base64/a", 'invalid base64 encoding for label job="a"');
  f("/metrics/job/%ff", "the path is not valid percent-encoding");
});

test("only paths of the push API are taken for one", () => {
  const f = (path: string, want: boolean) => expect([path, isPushPath(path)]).toEqual([path, want]);
  f("/metrics/job/a", true);
  f("/metrics/job@base64/a", true);
  f("/metrics/job/", true);
  f("/metrics", false);
  f("/metrics/job", false);
  f("/metrics/jobs/a", false);
  f("/x/metrics/job/a", false);
});
