import { Inject } from '@nestjs/common';
import type { Availability } from '@waybill/contracts/grpc';
import { catalogueApi } from '@waybill/contracts/grpc';
import { Observable, Subject } from 'rxjs';
import { GrpcController, Serves } from '../grpc-controller.ts';
import { latestByKey, type ReadPace } from '../latest-by-key.ts';
import { Refusal } from '../refusal.ts';

/** The stock of a shelf, and what tests inspect and control. */
export class Shelf {
  readonly stock = new Map([
    ['MUG', 7],
    ['PEN', 3],
  ]);
  readonly changes = new Subject<Availability>();
  /** The number of open streams. */
  watched = 0;
  /** Calls of a method that replies when the test releases them. */
  readonly held: ((answer: unknown) => void)[] = [];
  /** Replaces the next reply. */
  next: (() => unknown) | null = null;
}

interface Asked {
  readonly skus: readonly string[];
}

/** A catalogue on a shelf: GetAvailability replies, FindProducts waits for the test, WatchAvailability streams. */
@GrpcController()
export class ShelfController {
  constructor(@Inject(Shelf) private readonly shelf: Shelf) {}

  @Serves(catalogueApi)
  getAvailability({ skus }: Asked): unknown {
    if (this.shelf.next) return this.shelf.next();
    return { products: skus.map((sku) => this.find(sku)) };
  }

  @Serves(catalogueApi)
  findProducts(): Promise<unknown> {
    return new Promise((resolve) => this.shelf.held.push(resolve));
  }

  @Serves(catalogueApi)
  watchAvailability({ skus }: Asked, _: unknown, call: ReadPace): Observable<Availability> {
    const now = skus.map((sku) => this.find(sku));
    return new Observable<Availability>((reader) => {
      this.shelf.watched += 1;
      for (const each of now) reader.next(each);
      reader.add(this.shelf.changes.subscribe(reader));
      reader.add(() => {
        this.shelf.watched -= 1;
      });
    }).pipe(latestByKey(call, ({ sku }) => sku));
  }

  private find(sku: string): Availability {
    const available = this.shelf.stock.get(sku);
    if (available !== undefined) return { sku, available };
    throw new Refusal('NOT_FOUND', `there is no product ${sku}`, {
      reason: 'unknown_sku',
      about: { skus: sku },
    });
  }
}
