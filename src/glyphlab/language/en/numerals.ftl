# Figures with their units, and what joins words.
# $low and $high, $difference, $seconds, $count are numbers that are written already.

from-to = { $low } to { $high }
points = { $difference } points
points-span = { $low } to { $high } points
seconds = { $seconds } s
microseconds = { $microseconds } µs
minutes = { $minutes } min { $seconds } s
hours = { $hours } h { $minutes } min
millions = { $count } million
billions = { $count } billion
and = { $first } and { $last }
