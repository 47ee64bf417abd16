/** Trouble on order: which requests it strikes, and the requests that are being held. */
import type { ApiCall, Fault, FaultOrder } from '../types.ts';

export interface StruckBy {
  id: number;
  fault: Fault;
}

export interface Faults {
  order(order: FaultOrder): number;
  cancel(id: number): void;
  /** The order that strikes this request, used up by one. */
  strike(call: ApiCall): StruckBy | undefined;
  /** Resolves when the order is released, with false when it is dropped. */
  hold(id: number): Promise<boolean>;
  /** Lets go of everything held by this order, and cancels it. */
  letGo(id: number, goOn: boolean): void;
  dropAll(): void;
}

interface Ordered extends FaultOrder {
  id: number;
  left: number;
  toSkip: number;
}

export function createFaults(): Faults {
  let orders: Ordered[] = [];
  let lastId = 0;
  const held = new Map<number, ((goOn: boolean) => void)[]>();
  const cancel = (id: number): void => {
    orders = orders.filter((order) => order.id !== id);
  };
  const letGo = (id: number, goOn: boolean): void => {
    cancel(id);
    for (const resolve of held.get(id) ?? []) resolve(goOn);
    held.delete(id);
  };
  return {
    order(order) {
      lastId += 1;
      const { times = 1, after = 0 } = order;
      orders.push({ ...order, id: lastId, left: times ?? Number.POSITIVE_INFINITY, toSkip: after });
      return lastId;
    },
    cancel,
    strike(call) {
      const order = orders.find((each) => strikes(each, call));
      if (order === undefined) return undefined;
      if (order.toSkip > 0) {
        order.toSkip -= 1;
        return undefined;
      }
      order.left -= 1;
      if (order.left <= 0) cancel(order.id);
      return { id: order.id, fault: order.fault };
    },
    hold: (id) =>
      new Promise((resolve) => {
        held.set(id, [...(held.get(id) ?? []), resolve]);
      }),
    letGo,
    dropAll() {
      for (const id of held.keys()) letGo(id, false);
    },
  };
}

function strikes(order: Ordered, call: ApiCall): boolean {
  if (order.method !== undefined && order.method.toLowerCase() !== call.method.toLowerCase()) return false;
  return order.chat === undefined || String(call.params['chat_id']) === String(order.chat);
}
