import { z } from "zod";

/** The address of a name server, with port 53 if there is none: `192.0.2.1:53`, `[2001:db8::1]:53`. */
export const dnsServer = z
  .string()
  .regex(/^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:.]+(%[\w.-]+)?\])(:\d{1,5})?$/, {
    error: "expected the address of a name server: 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53",
  })
  .transform((address) => (/(\d|\]):\d+$/.test(address) && !address.endsWith("]") ? address : `${address}:53`));
