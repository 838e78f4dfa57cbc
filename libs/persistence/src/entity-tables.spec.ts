import { describe, expect, it } from '@jest/globals';
import { Column, Entity, PrimaryColumn, VersionColumn } from 'typeorm';
import { bigint, instant } from './entity-columns.ts';
import { appendOnly, states } from './entity-tables.ts';

class Changing {
  @VersionColumn(bigint) readonly version!: number;
}

describe('the states of an entity', () => {
  it('have its table, its key and its columns, but neither the version nor what the database keeps', () => {
    @Entity('parcels')
    class Parcel extends Changing {
      @PrimaryColumn('uuid') readonly orderId!: string;
      @Column({ ...bigint, name: 'grams' }) readonly weightInGrams!: number;
      @Column({ ...instant, nullable: true }) readonly sentAt!: string | null;
      @Column({ type: 'text', insert: false, update: false }) readonly retired!: string;
      @Column({ type: 'boolean', generatedType: 'STORED', asExpression: 'grams > 100' })
      readonly isHeavy!: boolean;
    }
    const parcels = states(Parcel, { shared: true, seldom: ['sentAt'] });
    const columns = [
      { property: 'orderId', sql: '"order_id"', type: 'uuid' },
      { property: 'weightInGrams', sql: '"grams"', type: 'bigint' },
      { property: 'sentAt', sql: '"sent_at"', type: 'timestamptz' },
    ];
    expect(parcels).toMatchObject({ table: 'parcels', shared: true, seldom: ['sentAt'], columns });
    expect(parcels.at('1')).toEqual({ table: parcels, id: '1' });
  });

  it('are refused where a batch could not write them, or not read them back as they were', () => {
    @Entity('no_version')
    class NoVersion {
      @PrimaryColumn('uuid') readonly id!: string;
    }
    @Entity('two_keys')
    class TwoKeys extends Changing {
      @PrimaryColumn('uuid') readonly a!: string;
      @PrimaryColumn('uuid') readonly b!: string;
    }
    @Entity('prices')
    class Price extends Changing {
      @PrimaryColumn('uuid') readonly id!: string;
      @Column('numeric') readonly amount!: string;
    }
    class Money {
      @Column(bigint) readonly amount!: number;
    }
    @Entity('embedding')
    class Embedding extends Changing {
      @PrimaryColumn('uuid') readonly id!: string;
      @Column(() => Money) readonly price!: Money;
    }
    @Entity('secrets')
    class Secret extends Changing {
      @PrimaryColumn('uuid') readonly id!: string;
      @Column('text', { transformer: { from: atob, to: btoa } }) readonly word!: string;
    }
    expect(() => states(NoVersion)).toThrow('NoVersion needs a @VersionColumn(bigint) version');
    expect(() => states(TwoKeys)).toThrow('TwoKeys needs one primary column');
    expect(() => states(Price)).toThrow('Price.amount has the type numeric');
    expect(() => states(Embedding)).toThrow('Embedding.price is embedded');
    expect(() => states(Secret)).toThrow('Secret.word has a transformer');
    expect(() => appendOnly(Money)).toThrow("Money is not an @Entity('<table>')");
  });
});
