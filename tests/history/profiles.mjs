// SPDX-License-Identifier: MIT
// profiles.mjs: which lines of faults run, and what slotguard.conf says meanwhile
//
// Small numbers everywhere: few slots, so that they are fought for, and short limits, so that what
// takes a minute in life takes seconds here.

const SHORT = {
  'clickhouse.timeout_ms': 1200,
  'google.timeout_ms': 1200,
  'google.page_budget_ms': 300,
  'google.fresh_s': 1,
  'google.stale_s': 20,
  'google.retry_s': 1,
  'site.queue_ms': 4000,
  'courier.replay_s': 8,
  'fair.max_changes': 0,
};
const FEW = {
  'hours.days': 'Mon-Sun',
  'hours.first_start': '10:00',
  'hours.last_start': '11:30',
  'hours.window_days': 5,
};

export const PROFILES = {
  // Everything at once.
  mixed: {
    lines: ['processes', 'clickhouse', 'google', 'owner', 'mail', 'spool', 'repeats', 'clock'],
    settings: { ...SHORT, ...FEW },
  },
  // The same with buffers and a cap, where slots are more than a lock each.
  buffers: {
    lines: ['processes', 'clickhouse', 'google', 'owner', 'mail', 'spool', 'repeats', 'clock'],
    settings: { ...SHORT, ...FEW, 'hours.last_start': '12:30', 'hours.buffer_after': 20, 'hours.buffer_before': 5, 'hours.max_per_day': 2 },
  },
  // Two couriers, of which one is on another machine whose clock is three hours ahead.
  couriers: {
    lines: ['processes', 'clickhouse', 'google', 'mail', 'spool'], otherCourier: '+3h',
    settings: { ...SHORT, ...FEW },
  },
  // Nothing goes wrong: what is left are the races.
  calm: { lines: [], settings: { ...SHORT, ...FEW } },
  changes: { lines: [], settings: { ...SHORT, ...FEW, 'fair.max_changes': 2 } },
  // Who has a call gets no second, whatever fails meanwhile.
  fair: {
    lines: ['processes', 'clickhouse', 'google'], actors: 8, habits: { perPerson: true },
    settings: { ...SHORT, ...FEW, 'hours.last_start': '13:30', 'fair.calls_per_address': 1 },
  },
  cap: { lines: [], settings: { ...SHORT, ...FEW, 'hours.max_per_day': 2 } },
  // What the pool knows of the calendar is old: a click that believes it books over the owner's events.
  owner: { lines: ['owner'], settings: { ...SHORT, ...FEW, 'google.fresh_s': 10 } },
  // What the owner does to our events is done to the calls, whatever fails meanwhile.
  obey: {
    lines: ['edits', 'processes', 'clickhouse', 'google'],
    settings: { ...SHORT, ...FEW, 'google.obey': 'yes', 'courier.replay_s': 2 },
  },
  cuts: { lines: ['cuts'], settings: { ...SHORT, ...FEW } },
  vanish: { lines: ['vanish'], settings: { ...SHORT, ...FEW } },
  kills: { lines: ['aimed'], settings: { ...SHORT, ...FEW } },
  darkness: { lines: ['darkness'], settings: { ...SHORT, ...FEW } },
  repeats: { lines: ['repeats'], settings: { ...SHORT, ...FEW } },
  // Google writes events when the courier has looked already.
  late: { lines: ['late'], workers: 8, actors: 5, habits: { meanwhile: 30 }, settings: { ...SHORT, ...FEW, 'google.timeout_ms': 6000, 'courier.replay_s': 1 } },
  // Somebody sees in another tab what a click came to, and changes it before that click is answered.
  overtaken: { lines: ['answers'], habits: { meanwhile: 30 }, settings: { ...SHORT, ...FEW } },
  down: { lines: ['down'], settings: { ...SHORT, ...FEW } },
  // The ledger was rebuilt, and one worker was not started again.
  rebuilt: { lines: [], isRebuilt: true, settings: { ...SHORT, ...FEW } },
};

// What tests/history/run asks: the options of tests/stand/up for a profile.
if (process.argv[1] === new URL(import.meta.url).pathname) {
  const profile = PROFILES[process.argv[2]];
  if (!profile) {
    console.error(`There is no profile ${process.argv[2]}; there are: ${Object.keys(PROFILES).join(', ')}.`);
    process.exit(2);
  }
  if (profile.otherCourier) console.log(`--other-courier\n${profile.otherCourier}`);
  if (profile.workers) console.log(`--workers\n${profile.workers}`);
  for (const [key, value] of Object.entries(profile.settings)) console.log(`--set\n${key}=${value}`);
}
