export { CallFailed } from './call-failed.ts';
export { type CallOptions, GrpcCaller, type GrpcCallerOptions } from './grpc-caller.ts';
