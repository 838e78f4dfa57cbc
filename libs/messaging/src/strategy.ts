import { Injectable } from '@nestjs/common';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { Messaging } from './messaging.ts';

/**
 * Starts messaging with the application, through `connectMicroservice` and `startAllMicroservices`.
 * It routes nothing: handlers are discovered by `@Handles()` (docs/decisions/0001).
 */
@Injectable()
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

  /** Empty, because `Messaging` stops before the application closes. */
  close(): void {}

  override on(): never {
    throw new TypeError(
      'MessagingStrategy has no listeners: pass an `observer` to MessagingModule',
    );
  }

  override unwrap<T>(): T {
    return this.messaging as unknown as T;
  }
}
