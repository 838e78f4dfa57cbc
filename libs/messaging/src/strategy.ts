import { type CustomTransportStrategy, Server } from '@nestjs/microservices';

/** What the strategy starts and stops with the application. */
export interface Messaging {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Lets `connectMicroservice` and `startAllMicroservices` do what a Nest developer expects: it starts and stops
 * the consumers of a service. It routes nothing (docs/decisions/0001).
 */
export class MessagingStrategy extends Server implements CustomTransportStrategy {
  constructor(private readonly messaging: Messaging) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.messaging.start().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  close(): Promise<void> {
    return this.messaging.stop();
  }

  override on(): never {
    throw new TypeError('consumers tell their observer, not listeners');
  }

  override unwrap<T>(): T {
    return this.messaging as unknown as T;
  }
}
