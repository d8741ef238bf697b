# Числа с единицами и союзы.
# $low и $high, $difference, $seconds, $count — числа, уже записанные по-русски.

from-to = от { $low } до { $high }
points = { $difference } п. п.
points-span = от { $low } до { $high } п. п.
seconds = { $seconds } с
microseconds = { $microseconds } мкс
minutes = { $minutes } мин { $seconds } с
hours = { $hours } ч { $minutes } мин
millions = { $count } млн
billions = { $count } млрд
and = { $first } и { $last }
