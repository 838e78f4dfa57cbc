import {
  applyDecorators,
  Catch,
  Controller,
  type ExceptionFilter,
  UseFilters,
} from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import type { GrpcApi } from './grpc-api.ts';

/** Nest's own filter would turn every error into "Internal server error" before the transport could read it. */
@Catch()
class UntouchedErrors implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** A controller of gRPC methods: what they throw reaches the server as it is, which makes a status of it. */
export const GrpcController = (): ClassDecorator =>
  applyDecorators(Controller(), UseFilters(new UntouchedErrors()));

/** The method serves the one of the same name, with a capital, of the API. An observable makes a stream. */
export const Serves = (api: GrpcApi): MethodDecorator => GrpcMethod(api.service);
