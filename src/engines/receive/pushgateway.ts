import type { IncomingMessage } from "node:http";
import { GroupingKeyError, groupingKey } from "../../formats/pushgateway/grouping-key.ts";
import { type Answer, textAnswer } from "../../lib/http-answer.ts";
import { BodyTooLargeError } from "../../lib/http-message.ts";
import type { Labels } from "../../signals/labels.ts";
import type { PushGroups } from "./push-groups.ts";
import { readPushedPage } from "./pushed-page.ts";
import { gunzipped, RefusedRequest, readBody, tooLarge } from "./request-body.ts";

/** The push API of the Pushgateway, with its answers: 200 for a push, 202 for a DELETE. */
export class Pushgateway {
  readonly #groups: PushGroups;
  readonly #onPushed: (samples: number) => void;

  constructor(groups: PushGroups, onPushed: (samples: number) => void) {
    this.#groups = groups;
    this.#onPushed = onPushed;
  }

  /** Throws a RefusedRequest for what cannot be taken. */
  async answer(request: IncomingMessage, path: string, limit: number): Promise<Answer> {
    const { method = "" } = request;
    if (!["PUT", "POST", "DELETE"].includes(method)) {
      throw new RefusedRequest(405, "push by PUT or POST, remove by DELETE", { Allow: "PUT, POST, DELETE" });
    }
    const labels = labelsOf(path);
    if (method === "DELETE") {
      await this.#groups.delete(labels);
      return textAnswer(202, "");
    }
    const page = readPushedPage(await contentOf(request, limit), request.headers["content-type"], labels);
    await this.#groups.push(labels, page, method === "PUT");
    this.#onPushed(page.samples.length);
    return textAnswer(200, "");
  }
}

function labelsOf(path: string): Labels {
  try {
    return groupingKey(path);
  } catch (error) {
    if (error instanceof GroupingKeyError) throw new RefusedRequest(400, error.message);
    throw error;
  }
}

async function contentOf(request: IncomingMessage, limit: number): Promise<Buffer> {
  const encoding = request.headers["content-encoding"]?.toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    throw new RefusedRequest(415, `the Content-Encoding is "${encoding}"; accepted is gzip`);
  }
  const body = await readBody(request, limit);
  if (encoding === "identity") return body;
  try {
    return await gunzipped(body, limit);
  } catch (error) {
    if (error instanceof BodyTooLargeError) throw tooLarge(error.message);
    throw error;
  }
}
