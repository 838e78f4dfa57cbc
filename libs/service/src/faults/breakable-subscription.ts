import type { Clock } from '@waybill/messaging';
import type { FaultPoint } from './fault-points.ts';

type End = () => Promise<void>;

const tryAgainAfter = 1_000;

/** A subscription that ends while its broker is out of reach, and begins again afterwards. Changes are made one after another. */
export class BreakableSubscription {
  private end: End | null = null;
  private isOver = false;
  private turn: Promise<void> = Promise.resolve();
  private readonly forget: () => void;
  private cancelRetry = (): void => {};

  constructor(
    private readonly outage: FaultPoint,
    private readonly subscribe: () => Promise<End>,
    private readonly clock: Clock,
  ) {
    this.forget = outage.onChange(() => this.adjustLater());
  }

  /** Rejects if it cannot begin; in an outage it begins when that is over. */
  async start(): Promise<void> {
    try {
      await this.adjust();
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Ends it for good. */
  async stop(): Promise<void> {
    this.isOver = true;
    this.forget();
    this.cancelRetry();
    await this.adjust();
  }

  private adjust(): Promise<void> {
    const adjusted = this.turn.then(() => this.adjustInTurn());
    this.turn = adjusted.catch(() => undefined);
    return adjusted;
  }

  private adjustLater(): void {
    this.adjust().catch(() => {
      if (!this.isOver)
        this.cancelRetry = this.clock.after(tryAgainAfter, () => this.adjustLater());
    });
  }

  private async adjustInTurn(): Promise<void> {
    const isWanted = !this.isOver && !this.outage.isOn;
    if (isWanted && !this.end) this.end = await this.subscribe();
    if (isWanted || !this.end) return;
    const { end } = this;
    this.end = null;
    await end();
  }
}
