/**
 * Gives everybody a turn in every round, and begins each round with another one: whoever always came after the same
 * neighbour would inherit its noise.
 */
export async function interleave<Member, Measured>(
  members: readonly Member[],
  rounds: number,
  measure: (member: Member) => Promise<Measured>,
): Promise<Map<Member, Measured[]>> {
  const measured = new Map<Member, Measured[]>(
    members.map((member) => [member, []]),
  );
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < members.length; turn++) {
      const member = members[(round + turn) % members.length]!;
      measured.get(member)!.push(await measure(member));
    }
  }
  return measured;
}
