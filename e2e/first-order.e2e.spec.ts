import { describe } from '@jest/globals';
import { firstOrderTests } from './behaviour/first-order.tests.ts';
import { useSystem } from './system/test-system.ts';

describe('an order from click to parcel', () => firstOrderTests(useSystem()));
