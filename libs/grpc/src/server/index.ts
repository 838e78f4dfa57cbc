export type { GateOptions } from './call-gate.ts';
export { type GrpcServerOptions, GrpcTransport } from './grpc-transport.ts';
