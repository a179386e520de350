import { z } from "zod";
import { engineAddress } from "../../lib/docker-engine.ts";

export const dockerHost = z
  .string()
  .refine((host) => engineAddress(host) !== undefined, {
    error: "expected unix:///path, tcp://host:port, http://host:port or https://host:port",
  })
  .describe("Address of the engine: `unix:///var/run/docker.sock`, `tcp://host:2375`, `https://host:2376`.");
