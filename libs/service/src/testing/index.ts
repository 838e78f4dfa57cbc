export { localhostCertificate } from '@waybill/grpc/testing';
export { ada, type EdgeApp, edgeApp, namedTokens, operator, testSecret } from './edge-app.ts';
export { FakeOperations, journeyRow } from './fake-operations.ts';
export { speak } from './speak.ts';
export { emptyDatabase, startTestService } from './start-test-service.ts';
