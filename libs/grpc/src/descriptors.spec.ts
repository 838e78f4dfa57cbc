import { describe, expect, it } from '@jest/globals';
import { allApis } from '@waybill/contracts/grpc';
import { protoPath as healthProto } from 'grpc-health-check';
import { writtenDefinitionOf } from './definitions.ts';
import { describedFiles } from './descriptors.ts';

const described = describedFiles(
  writtenDefinitionOf(allApis, [healthProto, 'google/rpc/error_details.proto']),
);
const fileOf = (name: string) => described.find((file) => file.package === name);
const fieldsOf = (name: string, message: string) =>
  fileOf(name)
    ?.messageType.find((each) => each.name === message)
    ?.field.map((field) => `${field.name} ${field.typeName ?? ''}`.trim());

describe('the files that reflection shows', () => {
  it('name types in full, and the files in which they are', () => {
    expect(fieldsOf('waybill.shipping.v1', 'Offer')).toEqual([
      'carrier',
      'method .waybill.shipping.v1.ShippingMethod',
      'cost .waybill.v1.Money',
      'estimated_days',
    ]);
    expect(fileOf('waybill.shipping.v1')?.dependency).toEqual([fileOf('waybill.v1')?.name]);
    expect(fileOf('waybill.v1')?.dependency).toEqual([]);
  });

  it('name fields in JSON as protobuf does', () => {
    const offer = fileOf('waybill.shipping.v1')?.messageType.find(({ name }) => name === 'Offer');
    const [, , , days] = offer?.field ?? [];
    expect(days).toMatchObject({ name: 'estimated_days', jsonName: 'estimatedDays' });
  });

  it('name types inside of messages, and the entries of maps as protobuf wants them', () => {
    const inside = '.google.rpc.BadRequest.FieldViolation';
    expect(fieldsOf('google.rpc', 'BadRequest')).toEqual([`field_violations ${inside}`]);
    expect(fieldsOf('grpc.health.v1', 'HealthListResponse')).toEqual([
      'statuses .grpc.health.v1.HealthListResponse.StatusesEntry',
    ]);
    const entries = fileOf('grpc.health.v1')?.messageType.flatMap(({ nestedType }) => nestedType);
    expect(entries?.map(({ name }) => name)).toContain('StatusesEntry');
  });
});
