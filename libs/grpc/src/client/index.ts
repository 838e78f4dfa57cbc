export { CallFailed } from './call-failed.ts';
export { findProductsAt } from './find-products.ts';
export { type CallOptions, GrpcCaller, type GrpcCallerOptions } from './grpc-caller.ts';
