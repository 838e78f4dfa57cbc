import {
  type ArgumentsHost,
  applyDecorators,
  Catch,
  type ExceptionFilter,
  Inject,
  UseFilters,
} from '@nestjs/common';
import { WebSocketGateway } from '@nestjs/websockets';
import { problemOf } from '@waybill/http';
import { LOGGER, type Log } from '@waybill/observability';
import type { Connection } from './connection.ts';
import { errorMessage } from './error-message.ts';

/** Answers a message that was refused with a message `error`. */
@Catch()
export class SocketErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly log: Log) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const ws = host.switchToWs();
    const type = ws.getPattern();
    if (problemOf(error).status === 500) this.log.error({ error, type }, 'a message failed');
    ws.getClient<Connection>().send(errorMessage(error, type));
  }
}

/**
 * Handles messages of the WebSocket, each by a method with `@SubscribeMessage(type)`: what it returns is sent to the client, what it
 * throws too, as `error`. The client is a `Connection`.
 */
export const SocketGateway = () =>
  applyDecorators(WebSocketGateway({ path: '/ws' }), UseFilters(SocketErrorFilter));
