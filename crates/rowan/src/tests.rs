//! A small tree in a language of letters: what a walk through it says.

use crate::{GreenNode, GreenNodeBuilder, Language, NodeOrToken, Preorder, SyntaxKind, SyntaxNode, WalkEvent};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Letters {}

/// The kind of a node is its letter.
impl Language for Letters {
    type Kind = char;

    fn kind_from_raw(raw: SyntaxKind) -> char {
        char::from_u32(raw.0.into()).expect("a letter")
    }

    fn kind_to_raw(kind: char) -> SyntaxKind {
        SyntaxKind(kind as u16)
    }
}

/// `A(ab B() C(c))` is the node A with the tokens `a` and `b`, an empty node B, and C around the token `c`.
fn tree(text: &str) -> GreenNode {
    let mut builder = GreenNodeBuilder::default();
    for letter in text.chars() {
        match letter {
            'A'..='Z' => builder.start_node(Letters::kind_to_raw(letter)),
            ')' => builder.finish_node(),
            'a'..='z' => builder.token(Letters::kind_to_raw(letter), &letter.to_string()),
            _ => {}
        }
    }
    builder.finish()
}

fn root() -> SyntaxNode<Letters> {
    SyntaxNode::new_root(tree("A(ab B() C(c D(de)) f)"))
}

fn kinds(nodes: impl Iterator<Item = SyntaxNode<Letters>>) -> String {
    nodes.map(|node| node.kind()).collect()
}

/// What a walk enters and leaves; what is in `skipped` is not visited.
fn walked(mut walk: Preorder<Letters>, skipped: char) -> String {
    let mut said = String::new();
    while let Some(event) = walk.next() {
        match event {
            WalkEvent::Enter(node) => {
                said += &format!("+{}", node.kind());
                if node.kind() == skipped {
                    walk.skip_subtree();
                }
            }
            WalkEvent::Leave(node) => said += &format!("-{}", node.kind()),
        }
    }
    said
}

#[test]
fn the_tree() {
    assert_eq!(
        format!("{:#?}", root()),
        "\
'A'@0..6
  'a'@0..1 \"a\"
  'b'@1..2 \"b\"
  'B'@2..2
  'C'@2..5
    'c'@2..3 \"c\"
    'D'@3..5
      'd'@3..4 \"d\"
      'e'@4..5 \"e\"
  'f'@5..6 \"f\"
"
    );
}

#[test]
fn around_a_node() {
    let c = root().children().find(|node| node.kind() == 'C').expect("C");
    assert_eq!(c.to_string(), "cde");
    assert_eq!(kinds(c.children()), "D");
    assert_eq!(kinds(c.descendants()), "CD");
    assert_eq!(kinds(c.first_child().into_iter().flat_map(|d| d.ancestors())), "DCA");
    assert_eq!(c.next_sibling_or_token().map(|next| next.kind()), Some('f'));
    let token = |token: Option<crate::SyntaxToken<Letters>>| token.map(|token| token.kind());
    assert_eq!([token(c.first_token()), token(c.last_token())], [Some('c'), Some('e')]);
    let b = root().first_child().expect("B");
    assert_eq!([token(b.first_token()), token(b.last_token())], [None, None]);
    assert_eq!(root().next_sibling_or_token(), None);
}

#[test]
fn a_part_is_a_tree() {
    let c = root().children().find(|node| node.kind() == 'C').expect("C").clone_subtree();
    assert_eq!(format!("{c:#?}"), format!("{:#?}", SyntaxNode::<Letters>::new_root(tree("C(c D(de))"))));
    assert_eq!(c.parent(), None);
}

#[test]
fn walks() {
    assert_eq!(walked(root().preorder(), '-'), "+A+B-B+C+D-D-C-A");
    assert_eq!(walked(root().preorder(), 'C'), "+A+B-B+C-C-A");
    assert_eq!(walked(root().preorder(), 'A'), "+A-A");
    let tokens = root().preorder_with_tokens().filter_map(|event| match event {
        WalkEvent::Enter(NodeOrToken::Token(token)) => Some(token.kind()),
        _ => None,
    });
    assert_eq!(tokens.collect::<String>(), "abcdef");
}
