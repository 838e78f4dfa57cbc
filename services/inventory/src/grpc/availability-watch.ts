import { Inject, Injectable } from '@nestjs/common';
import { type Availability } from '@waybill/contracts/grpc';
import { Refusal } from '@waybill/grpc';
import type { Clock } from '@waybill/messaging';
import { CLOCK } from '@waybill/messaging';
import { Observable, type Subscriber } from 'rxjs';
import { CatalogueRepository } from '../storage/catalogue.repository.ts';

interface Watcher {
  readonly reader: Subscriber<Availability>;
  /** What it was told last of each product that it watches. */
  readonly told: Map<string, number>;
}

const lookEvery = 500;

/**
 * Tells watchers what can be bought, and each change. One query serves all of them, twice a second while there are
 * any; it looks at the database because another replica may have sold.
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

  /** What is now, then each change. Fails when a product does not exist, or when the database is away. */
  watch(skus: readonly string[]): Observable<Availability> {
    return new Observable((reader) => {
      const watcher: Watcher = { reader, told: new Map() };
      reader.add(() => this.leave(watcher));
      this.enter(watcher, skus).catch((error: unknown) => reader.error(error));
    });
  }

  /** What is now, in the order asked; NOT_FOUND when a product does not exist. */
  async read(skus: readonly string[]): Promise<Availability[]> {
    const found = await this.catalogue.availableOf(skus);
    const unknown = skus.filter((sku) => !found.has(sku));
    if (unknown.length > 0) {
      throw new Refusal('NOT_FOUND', `there is no product ${unknown.join(', ')}`, {
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
      // Whoever watches must not take old numbers for new ones: it comes again.
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
