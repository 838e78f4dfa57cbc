import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A student who wants a seat in a course. */
@Entity()
export class Enrolment {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') course!: string;
  @Column('text') status!: 'requested' | 'confirmed' | 'refused';
  @Column('integer', { default: 0 }) seats!: number;
  @Column('integer', { default: 0 }) invoices!: number;
}
