export { checked } from './checked.ts';
export { type CallFor, GrpcRequests, type RequestByGrpc } from './client/grpc-requests.ts';
export { targetOf } from './client/target.ts';
export { type GrpcApi, nameOfApi } from './grpc-api.ts';
export { GrpcController, Serves } from './grpc-controller.ts';
export { latestByKey, type ReadPace } from './latest-by-key.ts';
export { type FieldViolation, Refusal, type RefusalDetails } from './refusal.ts';
export { type StatusName, statusCodes, statusName } from './status.ts';
