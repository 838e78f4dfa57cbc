import type { ConfirmChannel, Options } from 'amqplib';

/** Publishes, and resolves on the confirm. */
export const confirmed = (
  channel: ConfirmChannel,
  exchange: string,
  routingKey: string,
  body: Buffer,
  options: Options.Publish,
): Promise<void> =>
  new Promise((resolve, reject) => {
    channel.publish(exchange, routingKey, body, options, (error) =>
      error ? reject(error as Error) : resolve(),
    );
  });
