# SPDX-License-Identifier: MIT
#
# The table of tests/bench/rates, of one volume. Input: ROUND VOLUME CASE WHO
# and the kB/s of each path, one line per run; WHO is a selector, or `alone`:
# each path while the others are out of use. Variables: volume, rates (of its
# paths, as they were made), cases, selectors.

function sum(    i, s) {
	for (i = 5; i <= NF; i++)
		s += $i
	return s
}

function share(test, who) {
	return median(test, who) / median(test, "alone")
}

function verdict(met, who, text) {
	printf "%-7s%s: %s\n", met ? "met" : "MISSED", who, text
}

# In its worst case who has limit of the sum, or more.
function reaches(who, limit,    i, worst) {
	if (!count[c[1], who])
		return
	worst = c[1]
	for (i = 2; i <= nc; i++)
		if (share(c[i], who) < share(worst, who))
			worst = c[i]
	verdict(share(worst, who) >= limit, who,
		sprintf("at worst %.3f (%s), goal %.2f or more",
			share(worst, who), worst, limit))
}

# Even in its best case who stays below: if not, the paths are not throttled.
function stays_below(who, limit,    i, best) {
	if (!count[c[1], who])
		return
	best = c[1]
	for (i = 2; i <= nc; i++)
		if (share(c[i], who) > share(best, who))
			best = c[i]
	verdict(share(best, who) < limit, who,
		sprintf("at best %.3f (%s), less than %.2f, as it has to be",
			share(best, who), best, limit))
}

function row(who,    i) {
	printf "%-24s", who
	for (i = 1; i <= nc; i++)
		printf "%9.3f %3.0f %%", share(c[i], who),
			100 * median(c[i] " first", who)
	print ""
}

BEGIN {
	nc = split(cases, c, " ")
	ns = split(selectors, s, " ")
	np = split(rates, r, " ")
}

$2 == volume {
	add_sample($3, $4, sum())
	add_sample($3 " first", $4, $5 / sum())
}

END {
	for (i = 1; i <= np; i++)
		text = text (i == 1 ? "" : i < np ? ", " : " and ") r[i]
	printf "%d paths of %s MB/s: share of their sum, and what of it went" \
		" by the first\n%-24s", np, text, ""
	for (i = 1; i <= nc; i++)
		printf "%15s", c[i]
	printf "\n%-24s", "one by one, MB/s"
	for (i = 1; i <= nc; i++)
		printf "%9.1f      ", median(c[i], "alone") / 1000
	print ""
	for (i = 1; i <= ns; i++)
		row(s[i])
	print ""
	if (volume == "unequal") {
		reaches("service-time", 0.95)
		reaches("historical-service-time", 0.95)
		reaches("adaptive", 0.95)
		stays_below("round-robin", 0.95)
	} else {
		for (i = 1; i <= ns; i++)
			if (s[i] != "stripe" && s[i] != "io-affinity")
				reaches(s[i], 0.97)
	}
	print ""
}
