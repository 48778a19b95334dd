// SPDX-License-Identifier: MIT
// random.mjs: one seed → a stream of numbers for each name
//
// An actor draws from a stream of its own, so that what one of them does, or how long it takes,
// changes nothing for the others.

export class Stream {
  #state;

  constructor(seed, name) {
    // FNV-1a over both, then splitmix64.
    let hash = 0xcbf29ce484222325n;
    for (const c of `${seed}/${name}`) hash = BigInt.asUintN(64, (hash ^ BigInt(c.codePointAt(0))) * 0x100000001b3n);
    this.#state = hash;
  }

  #bits() {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let mixed = this.#state;
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  }

  /** From 0 up to, but not including, 1. */
  real() {
    return Number(this.#bits() >> 11n) / 2 ** 53;
  }

  /** A whole number, both ends included. */
  int(min, max) {
    return min + Math.floor(this.real() * (max - min + 1));
  }

  chance(probability) {
    return this.real() < probability;
  }

  of(list) {
    return list[this.int(0, list.length - 1)];
  }

  /** {name: weight, …} → a name. */
  weighted(weights) {
    const all = Object.entries(weights).filter(([, weight]) => weight > 0);
    let at = this.real() * all.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of all) if ((at -= weight) < 0) return name;
    return all.at(-1)[0];
  }

  uuid() {
    const hex = [this.#bits(), this.#bits()].map((bits) => bits.toString(16).padStart(16, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
