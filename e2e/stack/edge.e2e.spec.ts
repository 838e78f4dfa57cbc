import { describe } from '@jest/globals';
import { edgeTests } from '../behaviour/edge.tests.ts';
import { useProcesses } from '../system/process-system.ts';

describe('the edge of a system of processes', () => edgeTests(useProcesses()));
