import { describe } from '@jest/globals';
import { edgeTests } from './behaviour/edge.tests.ts';
import { useSystem } from './system/test-system.ts';

describe('the edge of the system', () => edgeTests(useSystem()));
