//! A stable order in which everything comes after what it needs.

/// Who needs whom, by number. What is only wanted gives way where both cannot be had.
#[derive(Default)]
pub(super) struct Graph {
    pub needs: Vec<Vec<usize>>,
    pub wants: Vec<Vec<usize>>,
}

impl Graph {
    /// Every node after all that it needs and, where that leaves a choice, after what it wants; otherwise in the
    /// order of the numbers. In a circle of needs, which no order can serve, the numbers decide.
    pub(super) fn order(&self) -> Vec<usize> {
        let both: Vec<Vec<usize>> =
            self.needs.iter().zip(&self.wants).map(|(needs, wants)| [needs.as_slice(), wants].concat()).collect();
        let mut order = Vec::with_capacity(both.len());
        for circle in circles(&both, 0..both.len()) {
            match circle.as_slice() {
                [node] => order.push(*node),
                _ => order.extend(self.order_inside(&circle)),
            }
        }
        order
    }

    /// Circles of needs: groups of several nodes that all need each other.
    pub(super) fn circles(&self) -> Vec<Vec<usize>> {
        circles(&self.needs, 0..self.needs.len()).into_iter().filter(|circle| circle.len() > 1).collect()
    }

    /// The order of the nodes of one circle by their needs alone.
    fn order_inside(&self, circle: &[usize]) -> Vec<usize> {
        let position = |node: &usize| circle.binary_search(node).ok();
        let inside: Vec<Vec<usize>> =
            circle.iter().map(|node| self.needs[*node].iter().filter_map(position).collect()).collect();
        circles(&inside, 0..circle.len()).into_iter().flatten().map(|index| circle[index]).collect()
    }
}

/// The strongly connected components, each sorted, dependencies first (Tarjan's algorithm, with its own stack because
/// views on views may be many).
fn circles(edges: &[Vec<usize>], roots: std::ops::Range<usize>) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let mut seen_at = vec![UNSEEN; edges.len()];
    let mut lowest = vec![0; edges.len()];
    let mut open = vec![false; edges.len()];
    let mut waiting = Vec::new();
    let mut found = Vec::new();
    let mut count = 0;
    for root in roots {
        if seen_at[root] != UNSEEN {
            continue;
        }
        let mut path: Vec<(usize, usize)> = vec![(root, 0)];
        while let Some((node, next)) = path.pop() {
            if next == 0 {
                (seen_at[node], lowest[node], open[node]) = (count, count, true);
                count += 1;
                waiting.push(node);
            }
            if let Some(&target) = edges[node].get(next) {
                path.push((node, next + 1));
                if seen_at[target] == UNSEEN {
                    path.push((target, 0));
                } else if open[target] {
                    lowest[node] = lowest[node].min(seen_at[target]);
                }
                continue;
            }
            if lowest[node] == seen_at[node] {
                let start = waiting.iter().rposition(|other| *other == node).expect("an open node is waiting");
                let mut circle = waiting.split_off(start);
                circle.iter().for_each(|member| open[*member] = false);
                circle.sort_unstable();
                found.push(circle);
            }
            if let Some((above, _)) = path.last() {
                lowest[*above] = lowest[*above].min(lowest[node]);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(needs: &[&[usize]], wants: &[&[usize]], expected: &[usize]) {
        let lists = |lists: &[&[usize]]| lists.iter().map(|list| list.to_vec()).collect();
        assert_eq!(Graph { needs: lists(needs), wants: lists(wants) }.order(), expected);
    }

    #[test]
    fn keeps_the_order_where_nothing_is_needed() {
        check(&[&[], &[], &[]], &[&[], &[], &[]], &[0, 1, 2]);
    }

    #[test]
    fn what_is_needed_comes_just_before() {
        check(&[&[2], &[], &[]], &[&[], &[], &[]], &[2, 0, 1]);
    }

    #[test]
    fn needs_win_over_wants() {
        check(&[&[1], &[], &[]], &[&[], &[0], &[0]], &[1, 0, 2]);
    }

    #[test]
    fn a_circle_ends() {
        check(&[&[1], &[0], &[1]], &[&[], &[], &[]], &[0, 1, 2]);
    }

    #[test]
    fn a_long_chain_needs_no_stack() {
        let count = 200_000;
        let needs = (0..count).map(|node| if node + 1 < count { vec![node + 1] } else { Vec::new() }).collect();
        let order = Graph { needs, wants: vec![Vec::new(); count] }.order();
        assert_eq!(order.first(), Some(&(count - 1)));
    }
}
