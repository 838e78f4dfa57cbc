import type { ConfirmChannel } from 'amqplib';
import type { Link } from './link.ts';

/** A channel with confirms that opens on first use, and again after it was closed. */
export class LazyChannel {
  private opening: Promise<ConfirmChannel> | null = null;

  /** `closed` is called each time that it was closed, by whomever. */
  constructor(
    private readonly link: Link,
    private readonly closed: () => void = () => undefined,
  ) {}

  open(): Promise<ConfirmChannel> {
    this.opening ??= this.link.confirmChannel().then(
      (channel) => {
        channel.on('close', () => {
          this.opening = null;
          this.closed();
        });
        return channel;
      },
      (error: unknown) => {
        this.opening = null;
        throw error;
      },
    );
    return this.opening;
  }
}
