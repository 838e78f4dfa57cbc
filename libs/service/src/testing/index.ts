export { FakeOperations, journeyRow } from './fake-operations.ts';
export { emptyDatabase, startTestService } from './start-test-service.ts';
