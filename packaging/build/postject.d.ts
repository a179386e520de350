declare module "postject" {
  /** Puts bytes under a name into the executable file at a path, and says so at the place that the sentinel marks. */
  export function inject(
    path: string,
    name: string,
    bytes: Buffer,
    options: { readonly sentinelFuse: string },
  ): Promise<void>;
}
