# SPDX-License-Identifier: MIT
#
# The table of tests/bench/run. Input: CASE, CONTENDER and a figure, separated
# by tabs, one line per run. Variables: cases, contenders, the lists in the
# order to print. Depth 1 is a latency, lower is better; the rest is
# throughput.

function is_latency(test) {
	return test ~ /-1$/
}

# What the device and FUSE cost one after the other: with few CPUs no server
# that has to use both can do better.
function bound(test,    r, n) {
	r = figure[test, "raw"]
	n = figure[test, "null"]
	if (!r || !n)
		return 0
	return is_latency(test) ? r + n : 1 / (1 / r + 1 / n)
}

function cell(value) {
	printf "%15s", value ? sprintf("%.2f", value) : "-"
}

function measured(who,    i) {
	for (i = 1; i <= nc; i++)
		if (figure[c[i], who])
			return 1
	return 0
}

function row(name, who,    i) {
	printf "%-24s", name
	for (i = 1; i <= nc; i++)
		cell(figure[c[i], who])
	print ""
}

function ratio_row(who, peer,    i, b) {
	printf "  %-22s", "to " peer
	for (i = 1; i <= nc; i++) {
		b = figure[c[i], peer]
		cell(b ? figure[c[i], who] / b : 0)
	}
	print ""
}

function goal(test, who, ratio, limit, what,    met) {
	if (!ratio)
		return
	met = is_latency(test) ? ratio <= limit : ratio >= limit
	printf "%-7s%s, %s: %.2f of %s, goal %s %.2f\n",
		met ? "met" : "MISSED", who, test, ratio, what,
		is_latency(test) ? "at most" : "at least", limit
}

function over(test, who, peer) {
	return figure[test, peer] ? figure[test, who] / figure[test, peer] : 0
}

function goals(who,    i) {
	for (i = 1; i <= nc; i++) {
		if (is_latency(c[i]))
			goal(c[i], who, over(c[i], who, "bound"), 1.1, "raw + null")
		else if (c[i] ~ /^rand/)
			goal(c[i], who, over(c[i], who, "bound"), 0.9, "the bound")
		else
			goal(c[i], who, over(c[i], who, "raw"), 0.85, "raw")
	}
	goal("randread-32", who, over("randread-32", who, "qemu"), 1.8, "qemu")
	goal("randwrite-32", who, over("randwrite-32", who, "qemu"), 3, "qemu")
}

BEGIN {
	nc = split(cases, c, " ")
	nw = split(contenders, w, " ")
}

{
	add_sample($1, $2, $3 + 0)
}

END {
	for (i = 1; i <= nc; i++) {
		for (j = 1; j <= nw; j++)
			figure[c[i], w[j]] = median(c[i], w[j])
		figure[c[i], "bound"] = bound(c[i])
	}
	printf "%-24s", "pattern-depth"
	for (i = 1; i <= nc; i++)
		printf "%15s", c[i]
	printf "\n%-24s", ""
	for (i = 1; i <= nc; i++)
		printf "%15s", is_latency(c[i]) ? "us" : \
			c[i] ~ /^rand/ ? "k/s" : "GB/s"
	print ""
	for (j = 1; j <= nw; j++)
		row(w[j], w[j])
	row("bound", "bound")
	for (j = 1; j <= nw; j++) {
		if (w[j] !~ /^mpathfs/ || !measured(w[j]))
			continue
		printf "\n%s\n", w[j]
		for (k = 1; k <= nw; k++)
			if (w[k] !~ /^mpathfs/)
				ratio_row(w[j], w[k])
		ratio_row(w[j], "bound")
	}
	print ""
	for (j = 1; j <= nw; j++)
		if (w[j] ~ /^mpathfs/)
			goals(w[j])
}
