export { type Task, tasksOf } from '../schedule/scheduled.ts';
export { FakeChannels } from './fake-channels.ts';
export { FakeMessages } from './fake-messages.ts';
export { FakeOperations, journeyRow } from './fake-operations.ts';
export { emptyDatabase, startTestService } from './start-test-service.ts';
