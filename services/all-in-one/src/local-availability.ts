import { AvailabilityReader } from '@waybill/gateway';
import { AvailabilityWatch } from '@waybill/inventory';
import type { RunningService } from '@waybill/service';

/** Reads the availability from the inventory service in this process. */
export class LocalAvailability extends AvailabilityReader {
  private readonly availability: AvailabilityWatch;

  constructor(services: readonly RunningService[]) {
    super();
    const inventory = services.find(({ name }) => name === 'inventory');
    if (!inventory) throw new TypeError('there is no inventory service in this process');
    this.availability = inventory.app.get(AvailabilityWatch);
  }

  read(skus: readonly string[]) {
    return this.availability.read(skus);
  }

  watch(skus: readonly string[]) {
    return this.availability.watch(skus);
  }
}
