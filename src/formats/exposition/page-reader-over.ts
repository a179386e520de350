import type { MetricMetadata } from "../../signals/metadata.ts";
import type { Declaration, PageReader } from "./page-reader.ts";

/** What a reader that makes other rows of another reader's has from that one as it is. */
export abstract class PageReaderOver<Page> {
  protected readonly pages: PageReader<Page>;

  constructor(pages: PageReader<Page>) {
    this.pages = pages;
  }

  declaration(mark: number): Declaration | undefined {
    return this.pages.declaration(mark);
  }

  get metadataVersion(): number {
    return this.pages.metadataVersion;
  }

  metadata(): readonly MetricMetadata[] {
    return this.pages.metadata();
  }

  rest(): void {
    this.pages.rest();
  }
}
