import { LokiPushError } from "./loki-push-error.ts";

// All of these throw a LokiPushError where a value is not what it has to be.

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LokiPushError(`the body is not JSON: ${(error as SyntaxError).message}`);
  }
}

export function objectAt(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(where, "an object");
  return value as Record<string, unknown>;
}

export function listAt(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(where, "a list");
  return value;
}

export function wrong(where: string, wanted: string): LokiPushError {
  return new LokiPushError(`${where} must be ${wanted}`);
}
