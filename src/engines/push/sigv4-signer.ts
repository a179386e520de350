import { CredentialSource, findRegion } from "../../lib/aws/credentials.ts";
import { signRequest } from "../../lib/aws/sigv4.ts";
import type { Secret } from "../../lib/secret.ts";
import type { RequestSigner, SignerSurroundings } from "./request-signer.ts";

/** Spelled like `sigv4` of prometheus.yml. */
export interface SigV4Options {
  /** Of the environment, the profile or the instance where it is left out. */
  readonly region?: string;
  readonly accessKey?: string;
  readonly secretKey?: Secret;
  readonly profile?: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly useFipsStsEndpoint: boolean;
  /** `aps` is Amazon's managed Prometheus. */
  readonly service: string;
}

/** Headers that say how the body is to be read; others may be changed on the way. */
const signedHeaders = ["content-type", "content-encoding", "x-prometheus-remote-write-version"];

/** Signs requests for a managed Prometheus of AWS. Rejects with an AwsError where there is no region. */
export async function sigV4Signer(options: SigV4Options, surroundings: SignerSurroundings): Promise<RequestSigner> {
  const { useFipsStsEndpoint: useFips, service, region: given, ...rest } = options;
  const region = given ?? (await findRegion(options.profile, surroundings, new AbortController().signal));
  const source = new CredentialSource({ ...rest, sts: { region, useFips } }, surroundings);
  return {
    async headers({ method, url, headers = {}, body, signal }) {
      const signed = Object.entries(headers).filter(([name]) => signedHeaders.includes(name.toLowerCase()));
      return signRequest({
        method,
        url,
        headers: Object.fromEntries(signed),
        ...(body !== undefined && { body }),
        credentials: await source.get(signal),
        region,
        service,
        time: surroundings.clock.now(),
      });
    },
    forget: () => source.forget(),
  };
}
