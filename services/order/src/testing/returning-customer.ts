import type { Message } from '@waybill/contracts';
import type { SeededRandom } from '@waybill/testing';
import { WrongState } from '../domain/order.errors.ts';
import { ReceiveReturn, RefuseReturn, RequestReturn } from '../messages/order.local.ts';
import { laptop } from './order.fixtures.ts';

/** What the simulation offers to its customers. */
export interface World {
  readonly random: SeededRandom;
  later(within: number, run: () => void): void;
  submit<A>(message: Message): Promise<A>;
}

const goods = { sku: laptop.sku, quantity: 1 };

/** Sends goods back once the order is delivered, and again whenever a response is lost; then an operator has the goods. */
export function sendBack(world: World, orderId: string, tries = 12): void {
  const again = (left: number) => world.later(5_000, () => sendBack(world, orderId, left));
  world
    .submit<{ returnId: string }>(RequestReturn({ orderId, lines: [goods], reason: 'too small' }))
    .then(({ returnId }) => world.later(8_000, () => takeBack(world, orderId, returnId)))
    .catch((error) => {
      if (!(error instanceof WrongState)) again(tries);
      else if (tries > 0) again(tries - 1);
    });
}

function takeBack(world: World, orderId: string, returnId: string): void {
  const sellable = world.random.below(2);
  const message =
    world.random.next() < 0.3
      ? RefuseReturn({ orderId, returnId })
      : ReceiveReturn({ orderId, returnId, lines: [{ ...goods, sellable }] });
  world.submit(message).catch((error) => {
    // Otherwise it was done, and only the response was lost.
    if (!(error instanceof WrongState)) {
      world.later(2_000, () => takeBack(world, orderId, returnId));
    }
  });
}
