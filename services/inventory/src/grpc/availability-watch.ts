import { Inject, Injectable } from '@nestjs/common';
import { noProduct } from '@waybill/contracts';
import { type Availability } from '@waybill/contracts/grpc';
import { Refusal } from '@waybill/grpc';
import type { Clock } from '@waybill/messaging';
import { CLOCK } from '@waybill/messaging';
import { Observable, type Subscriber } from 'rxjs';
import { CatalogueRepository } from '../storage/catalogue.repository.ts';

interface Watcher {
  readonly reader: Subscriber<Availability>;
  /** The last value sent for each product that it watches. */
  readonly told: Map<string, number>;
}

const lookEvery = 500;

/**
 * Sends watchers the available units, and each change. One query serves all watchers, twice a second while there are
 * any; it reads the database because another replica may have sold units.
 */
@Injectable()
export class AvailabilityWatch {
  private readonly watchers = new Set<Watcher>();
  private cancelLook: (() => void) | null = null;
  private looking = false;

  constructor(
    private readonly catalogue: CatalogueRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The current units, then each change. Fails if a product does not exist, or if the database is unavailable. */
  watch(skus: readonly string[]): Observable<Availability> {
    return new Observable((reader) => {
      const watcher: Watcher = { reader, told: new Map() };
      reader.add(() => this.leave(watcher));
      this.enter(watcher, skus).catch((error: unknown) => reader.error(error));
    });
  }

  /** The current units, in the order of `skus`; NOT_FOUND if a product does not exist. */
  async read(skus: readonly string[]): Promise<Availability[]> {
    const found = await this.catalogue.availableOf(skus);
    const unknown = skus.filter((sku) => !found.has(sku));
    if (unknown.length > 0) {
      throw new Refusal('NOT_FOUND', noProduct(...unknown), {
        reason: 'unknown_sku',
        about: { skus: unknown.join(',') },
      });
    }
    return skus.map((sku) => ({ sku, available: found.get(sku) ?? 0 }));
  }

  private async enter(watcher: Watcher, skus: readonly string[]): Promise<void> {
    const now = await this.read([...new Set(skus)]);
    if (watcher.reader.closed) return;
    this.watchers.add(watcher);
    for (const { sku, available } of now) tell(watcher, sku, available);
    this.lookLater();
  }

  private leave(watcher: Watcher): void {
    this.watchers.delete(watcher);
    if (this.watchers.size > 0) return;
    this.cancelLook?.();
    this.cancelLook = null;
  }

  private lookLater(): void {
    if (this.watchers.size === 0 || this.looking) return;
    this.cancelLook ??= this.clock.after(lookEvery, () => void this.lookOnce());
  }

  private async lookOnce(): Promise<void> {
    this.cancelLook = null;
    this.looking = true;
    try {
      await this.look();
    } catch (error) {
      // Watchers must not mistake old numbers for current ones, so they get the error and reconnect.
      for (const { reader } of [...this.watchers]) reader.error(error);
    } finally {
      this.looking = false;
    }
    this.lookLater();
  }

  private async look(): Promise<void> {
    const watched = new Set([...this.watchers].flatMap(({ told }) => [...told.keys()]));
    const found = await this.catalogue.availableOf([...watched]);
    for (const watcher of this.watchers) {
      for (const sku of watcher.told.keys()) {
        const available = found.get(sku);
        if (available !== undefined) tell(watcher, sku, available);
      }
    }
  }
}

function tell({ reader, told }: Watcher, sku: string, available: number): void {
  if (told.get(sku) === available) return;
  told.set(sku, available);
  reader.next({ sku, available });
}
