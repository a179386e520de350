/** What was sent to Loki's push API cannot be read. The message is for whoever sent it. */
export class LokiPushError extends Error {}
