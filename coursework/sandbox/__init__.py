"""The judge's hold on students' processes: what they see, what they may use, how they end."""
