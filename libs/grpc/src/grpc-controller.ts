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

/** A controller of gRPC methods: their errors reach the server unchanged, which maps them to a status. */
export const GrpcController = (): ClassDecorator =>
  applyDecorators(Controller(), UseFilters(new UntouchedErrors()));

/** The method serves the API's method of the same name in PascalCase. Return an observable for a stream. */
export const Serves = (api: GrpcApi): MethodDecorator => GrpcMethod(api.service);
