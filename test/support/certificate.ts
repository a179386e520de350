import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

/** A self-signed certificate for 127.0.0.1, made by openssl in `dir`. */
export function makeCertificate(dir: string, name = "server"): Certificate {
  const certFile = join(dir, `${name}.crt`);
  const keyFile = join(dir, `${name}.key`);
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1,DNS:sonde.test"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...names, "-days", "2", "-keyout", keyFile, "-out", certFile], {
    stdio: "pipe",
  });
  return { certFile, keyFile, cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
}

/** The same, but its time was over yesterday. */
export function makeExpiredCertificate(dir: string): Certificate {
  const { keyFile, certFile } = makeCertificate(dir, "expired");
  const request = join(dir, "expired.csr");
  const names = ["-subj", "/CN=expired", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-new", "-key", keyFile, ...names, "-out", request], { stdio: "pipe" });
  const sign = ["x509", "-req", "-in", request, "-signkey", keyFile, "-copy_extensions", "copy", "-days", "-1"];
  execFileSync("openssl", [...sign, "-out", certFile], { stdio: "pipe" });
  return { certFile, keyFile, cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
}
